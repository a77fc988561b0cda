import { type Chapter, none, testsIn } from './requirement.ts';

const noUploads = 'there are no uploads: pictures stay where organisers keep them';

export const files: Chapter = {
  title: 'File handling',
  requirements: {
    ...none(noUploads, {
      'V5.1.1': 'Documented: which files are taken',
      'V5.2.1': 'Uploads have a bounded size',
      'V5.2.2': 'Uploads are what they say',
      'V5.2.3': 'Archives are checked before they are unpacked',
      'V5.3.1': 'Uploads are never run',
    }),
    'V5.3.2': {
      about: 'No path of a file is made of input',
      tests: [testsIn('forbidden.test.ts')('reads and writes no file that a caller could name')],
    },
    'V5.4.1': {
      about: 'File names of callers are ignored; answers name their own',
      tests: [testsIn('tickets/src/shows/sales.test.ts')('come as CSV too, to who asks for it')],
    },
    'V5.4.2': {
      about: 'File names in headers cannot break out',
      tests: [testsIn('tickets/src/shows/sales.test.ts')('come as CSV too, to who asks for it')],
    },
    ...none(noUploads, { 'V5.4.3': 'Files of others are scanned' }),
  },
};
