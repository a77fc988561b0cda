import { DashboardBuilder, DatasourceVariableBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TimeseriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';

/** One query of a panel: what it asks Prometheus, and how each of its series is called (`{{label}}`). */
export interface Series {
  readonly expr: string;
  readonly legend: string;
}

export interface Panel {
  readonly kind: 'lines' | 'number';
  readonly title: string;
  /** What it shows and when to worry, for the panel's ⓘ. */
  readonly description: string;
  /** A unit that Grafana knows: `s`, `bytes`, `reqps`, `short`, `percentunit`. */
  readonly unit: string;
  readonly series: readonly Series[];
}

export interface Dashboard {
  /** The file's name and, after `box-office-`, its uid, by which links find it. */
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly panels: readonly Panel[];
}

/** The variable `datasource` of each dashboard: whichever Prometheus it is opened with. */
const datasource = { type: 'prometheus', uid: `$\{datasource}` };
const letters = 'ABCDEFGH';

/** A dashboard as Grafana's JSON. */
export function render({ name, title, description, panels }: Dashboard): object {
  const builder = new DashboardBuilder(title)
    .uid(`box-office-${name}`)
    .description(description)
    .tags(['box-office'])
    .time({ from: 'now-1h', to: 'now' })
    .refresh('30s')
    .timezone('browser')
    .readonly()
    .withVariable(new DatasourceVariableBuilder('datasource').label('Prometheus').type('prometheus'));
  for (const panel of panels) builder.withPanel(rendered(panel));
  return builder.build();
}

function rendered(panel: Panel) {
  const { kind, title, description, unit, series } = panel;
  const common = <Builder extends StatBuilder | TimeseriesBuilder>(builder: Builder) => {
    builder.title(title).description(description).unit(unit).datasource(datasource).height(8);
    for (const [index, { expr, legend }] of series.entries()) {
      const query = new DataqueryBuilder()
        .expr(expr)
        .legendFormat(legend)
        .refId(letters[index] ?? 'A');
      builder.withTarget(query.datasource(datasource));
    }
    return builder;
  };
  return kind === 'number' ? common(new StatBuilder()).span(6) : common(new TimeseriesBuilder()).span(12);
}
