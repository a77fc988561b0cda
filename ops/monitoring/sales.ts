import type { Dashboard } from './panels.ts';

export const sales: Dashboard = {
  name: 'sales',
  title: 'Box Office: sales and money',
  description: 'Whether people come, buy and pay, and whether the money balances',
  panels: [
    {
      kind: 'number',
      title: 'Sold in the last hour',
      description: 'Orders that were completed; an order may have several tickets',
      unit: 'short',
      series: [{ expr: 'sum(increase(orders_ended_total{how="complete"}[1h]))', legend: 'orders' }],
    },
    {
      kind: 'number',
      title: 'Money that does not balance',
      description: 'Payments that do not fit their orders. Anything but 0 makes the alert MoneyUnbalanced fire',
      unit: 'short',
      series: [{ expr: 'sum(max by (service, what) (payments_unbalanced))', legend: 'payments' }],
    },
    {
      kind: 'number',
      title: 'Oldest open payment',
      description: 'Since when something remains to be done at Stripe. Above 2 h the alert PaymentsOpen fires',
      unit: 's',
      series: [{ expr: 'max(payments_open_oldest_age_seconds)', legend: 'age' }],
    },
    {
      kind: 'number',
      title: 'Oldest overdue order',
      description: 'How long ago its time was up. Above 15 min the alert OrdersOpen fires',
      unit: 's',
      series: [{ expr: 'max(orders_overdue_oldest_age_seconds)', legend: 'overdue' }],
    },
    {
      kind: 'lines',
      title: 'How orders end',
      description: 'A minute, by outcome: complete, or why they were cancelled',
      unit: 'short',
      series: [{ expr: 'sum by (how) (rate(orders_ended_total[$__rate_interval])) * 60', legend: '{{how}}' }],
    },
    {
      kind: 'lines',
      title: 'Money',
      description: 'Captured and refunded a minute, in the smallest unit of each currency',
      unit: 'short',
      series: [
        {
          expr: 'sum by (movement, currency) (rate(payments_money_total[$__rate_interval])) * 60',
          legend: '{{movement}} {{currency}}',
        },
      ],
    },
    {
      kind: 'lines',
      title: 'People who come',
      description: 'Successful looks at shows and tickets a second',
      unit: 'reqps',
      series: [
        {
          expr: 'sum(rate(http_request_duration_seconds_count{service="tickets", method="GET", status="200"}[$__rate_interval]))',
          legend: 'looks',
        },
      ],
    },
    {
      kind: 'lines',
      title: 'Requests to order',
      description: 'A second, by answer: 201 an order, 409 somebody else has the ticket or it is sold out',
      unit: 'reqps',
      series: [
        {
          expr: 'sum by (status) (rate(http_request_duration_seconds_count{service="orders", method="POST", route="/api/orders"}[$__rate_interval]))',
          legend: '{{status}}',
        },
      ],
    },
    {
      kind: 'lines',
      title: 'Webhooks of Stripe',
      description: 'A second, by answer: 400 is a signature that does not fit',
      unit: 'reqps',
      series: [
        {
          expr: 'sum by (status) (rate(http_request_duration_seconds_count{service="payments", route="/api/payments/webhook"}[$__rate_interval]))',
          legend: '{{status}}',
        },
      ],
    },
    {
      kind: 'lines',
      title: 'Mails',
      description: 'A minute, by what became of them',
      unit: 'short',
      series: [{ expr: 'sum by (result) (rate(mails_total[$__rate_interval])) * 60', legend: '{{result}}' }],
    },
  ],
};
