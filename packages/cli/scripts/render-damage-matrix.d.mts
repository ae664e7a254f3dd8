/** What came of opening a directory and reading all that was acknowledged. */
export interface Opened {
  readonly refusal?: string;
  readonly there: number;
  readonly refused: number;
  readonly gone: number;
  readonly isTokenValid: boolean;
  readonly madeToken: boolean;
  readonly warnings: number;
}

/** A file of a data directory that was damaged. */
export interface DamageCase {
  readonly state: "clean stop" | "kill";
  readonly file: string;
  readonly damage: string;
  readonly doctor: { readonly status: number; readonly report: { readonly end_proven: boolean } };
  readonly serve: Opened;
  readonly salvage: {
    readonly status: number;
    readonly report: {
      readonly end_proven: boolean;
      readonly dicts: readonly { readonly lost: number }[];
      readonly missing: readonly unknown[];
      readonly unreadable: readonly { readonly known: boolean }[];
    };
  };
  readonly saved: Opened;
}

export function damageMatrix(): Promise<readonly DamageCase[]>;
export function renderDamageMatrix(cases: readonly DamageCase[]): string;
export function withDamageMatrix(page: string, cases: readonly DamageCase[]): string;
