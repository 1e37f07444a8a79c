import { RunList } from './RunList';
import { RunPage } from './RunPage';
import './runs.css';

export default function RunsPage({ rest }: { rest: string[] }) {
  const [id] = rest;
  return id ? <RunPage key={id} id={id} /> : <RunList />;
}
