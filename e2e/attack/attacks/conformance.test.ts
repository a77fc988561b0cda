import { failuresIn } from './conformance.ts';

const report = (answer: string) => `
=================================== FAILURES ===================================
__________________________ GET /api/waiting-list/{id} __________________________
1. Test Case ID: 1PY9GX

- ST103 Undocumented status code

    Received: 400
    Documented: 200, 401, 404, 500, 503

${answer}

Reproduce with:

    curl -X GET http://localhost:8080/api/waiting-list/%23

=================================== SUMMARY ====================================

Failures:
  ❌ ST103 Undocumented status code: 1
`;

describe('what Schemathesis reports', () => {
  it('is a fault for each failing request', () => {
    const [fault, ...more] = failuresIn(report('[500] Internal Server Error:\n\n    `{}`'));
    expect(fault).toMatch(/^GET \/api\/waiting-list\/\{id\}: 1PY9GX - ST103 .*Reproduce with: curl/);
    expect(more).toEqual([]);
  });

  it.each(['<EMPTY>', '`Bad Request`'])('is none when the gateway itself has refused with %s', (body) => {
    expect(failuresIn(report(`[400] Bad Request:\n\n    ${body}`))).toEqual([]);
  });

  it('is nothing when there is none', () => {
    expect(failuresIn('No issues found in 4.28s')).toEqual([]);
  });
});
