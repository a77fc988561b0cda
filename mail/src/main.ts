import { runParticipant } from '@box-office/common/process';
import { loadConfig } from './config.ts';
import { createMail } from './service.ts';

const config = loadConfig(process.env);

await runParticipant('mail', config, (parts) => createMail(parts, config));
