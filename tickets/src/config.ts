import { defineConfig } from '@box-office/common/config';
import { participantSettings } from '@box-office/common/settings';

export const loadConfig = defineConfig(participantSettings);
