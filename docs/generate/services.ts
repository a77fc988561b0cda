import { authApi } from './auth.ts';
import { expirationApi } from './expiration.ts';
import { ordersApi } from './orders.ts';
import { paymentsApi } from './payments.ts';
import type { ServiceApi } from './route.ts';
import { ticketsApi } from './tickets.ts';

export const services: readonly ServiceApi[] = [authApi, ticketsApi, ordersApi, paymentsApi, expirationApi];
