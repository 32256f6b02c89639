import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { createServiceSlots } from '../ui/service-slot.ts';
import { servicesQuery } from './queries.ts';

export function useServiceSlots(): (service: string) => number {
  const services = useQuery(servicesQuery).data?.services;
  return useMemo(() => createServiceSlots(services ?? []), [services]);
}
