import { defineConfig } from '@box-office/common/config';
import { serviceSettings } from '@box-office/common/settings';

export const loadConfig = defineConfig(serviceSettings);
