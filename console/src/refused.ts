/** What is asked for cannot be had; the message says why, for people. */
export class Refused extends Error {
  readonly status: number;
  readonly code: string;
  constructor(status: number, code: string, message: string) {
    super(message);
    this.name = 'Refused';
    this.status = status;
    this.code = code;
  }
}

export const notThere = (what: string) => new Refused(404, 'not-found', what);

/** Something the console looks at does not answer now. */
export const away = (what: string) => new Refused(503, 'away', what);
