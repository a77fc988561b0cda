import './styles/tokens.css';
import './styles/base.css';
import './styles/layout.css';
import './styles/parts.css';
import './styles/pages.css';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { createRoot } from 'react-dom/client';
import { BrowserRouter } from 'react-router';
import { App } from './app.tsx';
import { Refused } from './lib/api.ts';
import { LiveContext } from './lib/hooks.ts';
import { liveUpdates } from './lib/live.ts';

const client = new QueryClient({
  defaultOptions: {
    queries: {
      // What is shown follows the live updates; coming back to a page shows what was there and asks again.
      staleTime: 0,
      gcTime: 5 * 60_000,
      refetchOnWindowFocus: false,
      retry: (failures, error) => failures < 2 && !(error instanceof Refused && error.status >= 400),
      retryDelay: 700,
    },
  },
});

const root = document.getElementById('root');
if (!root) throw new Error('the page has no #root');
createRoot(root).render(
  <QueryClientProvider client={client}>
    <LiveContext value={liveUpdates()}>
      <BrowserRouter>
        <App />
      </BrowserRouter>
    </LiveContext>
  </QueryClientProvider>,
);
