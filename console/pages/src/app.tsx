import { Route, Routes } from 'react-router';
import { Layout } from './layout.tsx';
import { DeadLetterPage } from './pages/dead-letter.tsx';
import { DeadLettersPage } from './pages/dead-letters.tsx';
import { EventPage } from './pages/event.tsx';
import { EventsPage } from './pages/events.tsx';
import { LabPage } from './pages/lab.tsx';
import { SituationPage } from './pages/lab-situation.tsx';
import { LogsPage } from './pages/logs.tsx';
import { MetricsPage } from './pages/metrics.tsx';
import { NotFoundPage } from './pages/not-found.tsx';
import { OrdersPage } from './pages/orders.tsx';
import { OverviewPage } from './pages/overview.tsx';
import { SandboxPage } from './pages/sandbox.tsx';
import { StoryPage } from './pages/story.tsx';
import { StreamsPage } from './pages/streams.tsx';
import { TracePage } from './pages/trace.tsx';
import { TracesPage } from './pages/traces.tsx';

export function App() {
  return (
    <Routes>
      <Route element={<Layout />}>
        <Route index element={<OverviewPage />} />
        <Route path="orders" element={<OrdersPage />} />
        <Route path="orders/:id" element={<StoryPage />} />
        <Route path="events" element={<EventsPage />}>
          <Route path=":stream/:seq" element={<EventPage />} />
        </Route>
        <Route path="streams" element={<StreamsPage />} />
        <Route path="dead-letters" element={<DeadLettersPage />}>
          <Route path=":number" element={<DeadLetterPage />} />
        </Route>
        <Route path="traces" element={<TracesPage />} />
        <Route path="traces/:id" element={<TracePage />} />
        <Route path="logs" element={<LogsPage />} />
        <Route path="metrics" element={<MetricsPage />} />
        <Route path="sandbox" element={<SandboxPage />} />
        <Route path="lab" element={<LabPage />}>
          <Route path=":name" element={<SituationPage />} />
        </Route>
        <Route path="*" element={<NotFoundPage />} />
      </Route>
    </Routes>
  );
}
