import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';

/** Certificate and key of a server on 127.0.0.1, as PEM. For tests: Node reads certificates but makes none. */
export interface SelfSignedCertificate {
  readonly certificate: string;
  readonly key: string;
}

/** Tags of X.690, 8.1.2, and the context tags of RFC 5280, 4.1. */
const INTEGER = 0x02;
const BIT_STRING = 0x03;
const OCTET_STRING = 0x04;
const OBJECT_ID = 0x06;
const UTF8_STRING = 0x0c;
const UTC_TIME = 0x17;
const SEQUENCE = 0x30;
const SET = 0x31;
const VERSION = 0xa0;
const EXTENSIONS = 0xa3;
/** `iPAddress` of GeneralName, RFC 5280, 4.2.1.6. */
const IP_ADDRESS = 0x87;

const ecdsaWithSha256 = oid('2a8648ce3d040302');
const commonName = oid('550403');
const subjectAltName = oid('551d11');

/** Valid from yesterday until tomorrow. */
export function createSelfSignedCertificate(): SelfSignedCertificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const name = der(SEQUENCE, der(SET, der(SEQUENCE, commonName, der(UTF8_STRING, Buffer.from('test')))));
  const dayMillis = 24 * 60 * 60 * 1000;
  const body = der(
    SEQUENCE,
    der(VERSION, der(INTEGER, Buffer.of(2))),
    der(INTEGER, Buffer.of(1), randomBytes(8)),
    der(SEQUENCE, ecdsaWithSha256),
    name,
    der(SEQUENCE, utcTime(Date.now() - dayMillis), utcTime(Date.now() + dayMillis)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(
      EXTENSIONS,
      der(
        SEQUENCE,
        der(
          SEQUENCE,
          subjectAltName,
          der(OCTET_STRING, der(SEQUENCE, der(IP_ADDRESS, Buffer.of(127, 0, 0, 1)))),
        ),
      ),
    ),
  );
  const signature = sign('sha256', body, privateKey);
  const bytes = der(SEQUENCE, body, der(SEQUENCE, ecdsaWithSha256), der(BIT_STRING, Buffer.of(0), signature));
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return {
    certificate: ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n'),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const long = [length >> 8, length & 0xff].slice(length > 0xff ? 0 : 1);
  const size = length < 0x80 ? [length] : [0x80 | long.length, ...long];
  return Buffer.concat([Buffer.of(tag, ...size), content]);
}

function oid(hex: string): Buffer {
  return der(OBJECT_ID, Buffer.from(hex, 'hex'));
}

/** `261123000000Z` */
function utcTime(millis: number): Buffer {
  const text = new Date(millis).toISOString().replaceAll(/[-:T]/g, '').slice(2, 14);
  return der(UTC_TIME, Buffer.from(`${text}Z`));
}
