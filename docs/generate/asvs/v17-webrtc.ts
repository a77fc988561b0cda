import { type Chapter, none } from './requirement.ts';

export const webrtc: Chapter = {
  title: 'WebRTC',
  requirements: none('there is no WebRTC', {
    'V17.1.1': 'TURN reaches no reserved addresses',
    'V17.2.1': 'Keys of DTLS are managed',
    'V17.2.2': 'Cipher suites of DTLS',
    'V17.2.3': 'SRTP is authenticated',
    'V17.2.4': 'Malformed SRTP is survived',
    'V17.3.1': 'Floods of signaling are survived',
    'V17.3.2': 'Malformed signaling is survived',
  }),
};
