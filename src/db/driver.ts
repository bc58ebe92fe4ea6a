import type { SqlDriverAdapter } from '@prisma/driver-adapter-utils';
import { OperatorError } from '../errors.ts';

/** Another process holds the database for now. */
export class DatabaseBusyError extends OperatorError {}

/** Proves a new connection with `statements`; disposes of it when that fails. Throws what the driver throws. */
export async function prove<Adapter extends SqlDriverAdapter>(adapter: Adapter, statements: string): Promise<Adapter> {
  try {
    await adapter.executeScript(statements);
    return adapter;
  } catch (error) {
    await adapter.dispose();
    throw error;
  }
}

/** Code and message of a driver's error, whether the adapter has wrapped it or not. */
export function driverError(error: unknown): { code: string; message: string } {
  if (!(error instanceof Error)) return { code: '', message: String(error) };
  const { cause } = error;
  if (error.name === 'DriverAdapterError' && typeof cause === 'object' && cause !== null) {
    const code = 'originalCode' in cause ? cause.originalCode : 'kind' in cause ? cause.kind : '';
    const message = ['originalMessage', 'reason'].map(
      (key) => Object.entries(cause).find(([name]) => name === key)?.[1],
    );
    return { code: String(code), message: String(message.find((text) => text !== undefined) ?? error.message) };
  }
  return { code: 'code' in error ? String(error.code) : '', message: error.message };
}
