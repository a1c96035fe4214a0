import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Tags of ASN.1 (ITU-T X.690). */
const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  utf8String: 0x0c,
  utcTime: 0x17,
  sequence: 0x30,
  set: 0x31,
  dnsName: 0x82,
  ipAddress: 0x87,
  version: 0xa0,
  extensions: 0xa3,
};

/** Object identifiers, encoded. */
const COMMON_NAME = '550403';
const ECDSA_WITH_SHA256 = '2a8648ce3d040302';
const SUBJECT_ALTERNATIVE_NAME = '551d11';
const BASIC_CONSTRAINTS = '551d13';

const DAY = 86_400_000;

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const length = content.length;
  const lengthBytes = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...lengthBytes]), content]);
}

const sequence = (...parts: readonly Buffer[]): Buffer => der(TAG.sequence, ...parts);

const objectIdentifier = (hex: string): Buffer => der(TAG.objectIdentifier, Buffer.from(hex, 'hex'));

/** YYMMDDHHMMSSZ */
const utcTime = (time: number): Buffer =>
  der(TAG.utcTime, Buffer.from(`${new Date(time).toISOString().replace(/[-:T]/g, '').slice(2, 14)}Z`));

const bitString = (bytes: Buffer): Buffer => der(TAG.bitString, Buffer.from([0]), bytes);

const extension = (hex: string, critical: boolean, value: Buffer): Buffer =>
  sequence(
    objectIdentifier(hex),
    ...(critical ? [der(TAG.boolean, Buffer.from([0xff]))] : []),
    der(TAG.octetString, value),
  );

/**
 * A new certificate for localhost and 127.0.0.1 that has signed itself, and so is also the authority that clients are given
 * (RFC 5280); valid from yesterday until tomorrow. Written as PEM files into the folder.
 */
export function makeCertificate(folder: string): { readonly certificate: string; readonly key: string } {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const algorithm = sequence(objectIdentifier(ECDSA_WITH_SHA256));
  const name = sequence(
    der(TAG.set, sequence(objectIdentifier(COMMON_NAME), der(TAG.utf8String, Buffer.from('localhost')))),
  );
  const names = sequence(der(TAG.dnsName, Buffer.from('localhost')), der(TAG.ipAddress, Buffer.from([127, 0, 0, 1])));
  const toBeSigned = sequence(
    der(TAG.version, der(TAG.integer, Buffer.from([2]))),
    der(TAG.integer, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    algorithm,
    name,
    sequence(utcTime(Date.now() - DAY), utcTime(Date.now() + DAY)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(
      TAG.extensions,
      sequence(
        extension(BASIC_CONSTRAINTS, true, sequence(der(TAG.boolean, Buffer.from([0xff])))),
        extension(SUBJECT_ALTERNATIVE_NAME, false, names),
      ),
    ),
  );
  const signed = sequence(toBeSigned, algorithm, bitString(sign('sha256', toBeSigned, privateKey)));
  const files = { certificate: join(folder, 'node.crt'), key: join(folder, 'node.key') };
  const lines = signed.toString('base64').replace(/.{64}(?=.)/g, '$&\n');
  writeFileSync(files.certificate, `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`);
  writeFileSync(files.key, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  return files;
}
