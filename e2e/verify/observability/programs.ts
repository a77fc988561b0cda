import { join, resolve } from 'node:path';
import { whereIs } from '@box-office/local/programs';
import { goTool, goTools } from '@box-office/ops/cluster/go-tools';

/** Where a program is, or why it is unavailable. */
export type Found = { readonly path: string } | { readonly why: string };

const root = resolve(import.meta.dirname, '../../..');
const built = join(root, '.local/go');
const places = [process.env.PATH ?? ''];

/** Prometheus is a Debian package, and CI unpacks it from there. */
export async function findPrometheus(): Promise<Found> {
  const path = await whereIs('prometheus', process.env.PATH ?? '');
  return path ? { path } : { why: 'prometheus is not on PATH' };
}

/** Built once, which takes minutes: see `npm run verify -- --prepare`. */
export const findAlertmanager = (): Promise<Found> => goTool(goTools.alertmanager, built, places);
export const findVictoriaLogs = (): Promise<Found> => goTool(goTools.victoriaLogs, built, places);
/** It is built from the Collector, and so it can also be run as one. */
export const findJaeger = (): Promise<Found> => goTool(goTools.jaeger, built, places);
export const findAmtool = (): Promise<Found> => goTool(goTools.amtool, built, places);
