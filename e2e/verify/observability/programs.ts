import { join, resolve } from 'node:path';
import { whereIs } from '@box-office/local/programs';
import { goTool, goTools } from '@box-office/ops/cluster/go-tools';

/** Where a program is, or why it is unavailable. */
export type Found = { readonly path: string } | { readonly why: string };

const root = resolve(import.meta.dirname, '../../..');
const built = join(root, '.local/go');
const places = [process.env.PATH ?? ''];

/** Of the package `prometheus` of Debian and Ubuntu. Installed, it would start a server, so CI takes them out of it. */
export const packaged = ['prometheus', 'promtool'] as const;

async function findPackaged(program: (typeof packaged)[number]): Promise<Found> {
  const path = await whereIs(program, process.env.PATH ?? '');
  return path ? { path } : { why: `${program} is not on PATH` };
}

export const findPrometheus = (): Promise<Found> => findPackaged('prometheus');
export const findPromtool = (): Promise<Found> => findPackaged('promtool');

/** Built once, which takes minutes: see `npm run verify -- --prepare`. */
export const findAlertmanager = (): Promise<Found> => goTool(goTools.alertmanager, built, places);
export const findVictoriaLogs = (): Promise<Found> => goTool(goTools.victoriaLogs, built, places);
/** It is built from the Collector, and so it can also be run as one. */
export const findJaeger = (): Promise<Found> => goTool(goTools.jaeger, built, places);
export const findAmtool = (): Promise<Found> => goTool(goTools.amtool, built, places);
