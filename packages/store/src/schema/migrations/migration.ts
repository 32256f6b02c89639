/** One step of the schema. Never changed once released: a later step corrects it. */
export interface Migration {
  readonly id: number;
  readonly name: string;
  /** Each can run again, after a crash between two of them. */
  readonly statements: readonly string[];
}
