import { runParticipant } from '@box-office/common/process';
import { loadConfig } from './config.ts';
import { createTickets } from './service.ts';

const config = loadConfig(process.env);

await runParticipant('tickets', config, createTickets);
