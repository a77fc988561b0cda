import type { Metadata } from 'next';
import { NotHere } from '../components/not-here.tsx';

export const metadata: Metadata = { title: 'Not found' };

export default function NotFound() {
  return <NotHere />;
}
