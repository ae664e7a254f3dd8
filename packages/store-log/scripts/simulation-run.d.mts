/** A line that the process writes: a violation, how many seeds it has run, or its figures at the end. */
export interface SimulationLine {
  readonly seed?: number;
  readonly violation?: string;
  readonly reached?: number;
  readonly done?: number;
  readonly violations?: number;
  readonly cpuSeconds?: number;
}

export interface SimulationRun {
  readonly bundle: string;
  readonly first: number;
  readonly count: number;
  readonly step: number;
  readonly violationsMax: number;
}

export function runSimulation(run: SimulationRun, onLine: (line: SimulationLine) => void): Promise<void>;
