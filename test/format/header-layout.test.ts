import { describe, expect, test } from 'vitest';
import { detect } from '../../src/format/detect.ts';
import { formatOf } from '../../src/format/registry.ts';

/** What must be found on a line: the time in UTC, the level, the message. */
type Line = [line: string, time: string, level: string, message: string];

const context = { timezone: 'UTC', writtenBefore: Date.parse('2026-11-30T00:00:00Z') };

const node = (label: string, second: string, rest: string) =>
  `${label} 11638458${second} 2006.11.18 R12-M0-N3-C:J07-U01 2006-11-18-02.30.${second}.481516 R12-M0-N3-C:J07-U01 RAS ${rest}`;

const logs: { [what: string]: Line[] } = {
  'components and a level far behind two timestamps': [
    [
      node('-', '10', 'KERNEL INFO parity error in cache was corrected'),
      '2006-11-18T10:30:10Z',
      'INFO',
      'parity error in cache was corrected',
    ],
    [node('-', '11', 'KERNEL INFO generating core.117'), '2006-11-18T10:30:11Z', 'INFO', 'generating core.117'],
    [
      node('APPIO', '12', 'APP FATAL daemon: could not read prefix on stream'),
      '2006-11-18T10:30:12Z',
      'FATAL',
      'daemon: could not read prefix on stream',
    ],
    [node('KERNTLB', '13', 'KERNEL FATAL data TLB interrupt'), '2006-11-18T10:30:13Z', 'FATAL', 'data TLB interrupt'],
    [
      node('-', '14', 'LINKCARD WARNING MonitorController: port is not reset'),
      '2006-11-18T10:30:14Z',
      'WARN',
      'MonitorController: port is not reset',
    ],
    [
      node('-', '15', 'MMCS SEVERE idoproxy communication failure: socket closed'),
      '2006-11-18T10:30:15Z',
      'ERROR',
      'idoproxy communication failure: socket closed',
    ],
  ],
  'a number of the record and places before seconds since 1970': [
    [
      '201 node-31 unix.hw state_change.unavailable 1077804742 1 Component Change: \\042a0\\042 is away (HWID=77)',
      '2004-02-26T14:12:22Z',
      'UNKNOWN',
      'Component Change: \\042a0\\042 is away (HWID=77)',
    ],
    [
      '202 node-31 boot_cmd new 1077804743 1 Targeting domains:node-31',
      '2004-02-26T14:12:23Z',
      'UNKNOWN',
      'Targeting domains:node-31',
    ],
    ['1203 gige7 gige temperature 1077804744 1 warning', '2004-02-26T14:12:24Z', 'UNKNOWN', 'warning'],
    [
      '461204 node-D1 clusterfilesystem no_server 1077804745 1 ClusterFS: no server for domain storage9',
      '2004-02-26T14:12:25Z',
      'UNKNOWN',
      'ClusterFS: no server for domain storage9',
    ],
    [
      '205 Interconnect-0N04 switch_module fan 1077804746 1 Fan speeds ( 3552 3534 3375 4245 )',
      '2004-02-26T14:12:26Z',
      'UNKNOWN',
      'Fan speeds ( 3552 3534 3375 4245 )',
    ],
  ],
  'seconds since 1970 before lines of syslog': [
    [
      '- 1131566461 2005.11.09 dn9 Nov 9 12:01:01 dn9/dn9 crond(pam_unix)[2915]: session closed for user ann',
      '2005-11-09T20:01:01Z',
      'UNKNOWN',
      'session closed for user ann',
    ],
    [
      '- 1131566462 2005.11.09 dn12 Nov 9 12:01:02 dn12/dn12 sshd[14]: Accepted publickey',
      '2005-11-09T20:01:02Z',
      'UNKNOWN',
      'Accepted publickey',
    ],
    [
      '- 1131566463 2005.11.09 admin1 Nov 9 12:01:03 src@admin1 dhcpd: DHCPDISCOVER from 00:11:22 via eth1',
      '2005-11-09T20:01:03Z',
      'UNKNOWN',
      'DHCPDISCOVER from 00:11:22 via eth1',
    ],
    [
      'ECC 1131566464 2005.11.09 dn3 Nov 9 12:01:04 dn3/dn3 kernel: memory was corrected',
      '2005-11-09T20:01:04Z',
      'UNKNOWN',
      'memory was corrected',
    ],
    [
      '- 1131566465 2005.11.09 en74 Nov 19 12:01:05 en74/en74 kernel: [KERNEL_IB] port up',
      '2005-11-09T20:01:05Z',
      'UNKNOWN',
      '[KERNEL_IB] port up',
    ],
  ],
  columns: [
    [
      '2016-09-28 04:30:30, Info                  CBS    Loaded stack v6.1 with core x',
      '2016-09-28T04:30:30Z',
      'INFO',
      'Loaded stack v6.1 with core x',
    ],
    [
      '2016-09-28 04:30:31, Info                  CSI    00000001@2016/9/27:20:30:31.455 Initialised (stack @0x7f)',
      '2016-09-28T04:30:31Z',
      'INFO',
      '00000001@2016/9/27:20:30:31.455 Initialised (stack @0x7f)',
    ],
    [
      '2016-09-28 04:30:32, Error                 CBS    Session: 30546174 could not start. [HRESULT = 0x800f]',
      '2016-09-28T04:30:32Z',
      'ERROR',
      'Session: 30546174 could not start. [HRESULT = 0x800f]',
    ],
    [
      '2016-09-28 04:30:33, Warning               CBS    Unrecognised package',
      '2016-09-28T04:30:33Z',
      'WARN',
      'Unrecognised package',
    ],
  ],
  'a name and a dash after a date without year': [
    [
      '[10.30 16:49:06] browser.exe - proxy.example.org:5070 open through proxy proxy.example.org:5070 HTTPS',
      '2026-10-30T16:49:06Z',
      'UNKNOWN',
      'proxy.example.org:5070 open through proxy proxy.example.org:5070 HTTPS',
    ],
    [
      '[10.30 16:49:07] sync.exe *64 - a.example.net:443 close, 0 bytes sent, lifetime <1 sec',
      '2026-10-30T16:49:07Z',
      'UNKNOWN',
      'a.example.net:443 close, 0 bytes sent, lifetime <1 sec',
    ],
    [
      '[10.30 16:49:08] svc.exe - b.example.net:80 error : Could not connect through proxy',
      '2026-10-30T16:49:08Z',
      'UNKNOWN',
      'b.example.net:80 error : Could not connect through proxy',
    ],
  ],
  'a short date with slashes': [
    [
      '17/06/09 20:10:40 INFO executor.GrainedBackend: Registered handlers for [TERM, HUP]',
      '2017-06-09T20:10:40Z',
      'INFO',
      'Registered handlers for [TERM, HUP]',
    ],
    [
      '17/06/09 20:10:41 WARN storage.BlockManager: Block rdd_1 could not be removed',
      '2017-06-09T20:10:41Z',
      'WARN',
      'Block rdd_1 could not be removed',
    ],
    ['17/06/09 20:10:42 INFO Slf4jLogger: Slf4jLogger started', '2017-06-09T20:10:42Z', 'INFO', 'Slf4jLogger started'],
  ],
  'syslog of a server': [
    [
      'Jun 14 15:16:01 box sshd(pam_unix)[19939]: authentication failure; logname= uid=0',
      '2026-06-14T15:16:01Z',
      'UNKNOWN',
      'authentication failure; logname= uid=0',
    ],
    [
      'Jun 14 15:16:02 box kernel: usbcore: registered new driver hub',
      '2026-06-14T15:16:02Z',
      'UNKNOWN',
      'usbcore: registered new driver hub',
    ],
    ['Jun 14 15:16:03 box  -- ann[2421]: LOGIN ON tty2', '2026-06-14T15:16:03Z', 'UNKNOWN', 'LOGIN ON tty2'],
  ],
  'syslog of a desktop': [
    [
      'Jul  1 09:00:55 pc-10 kernel[0]: Thunderbolt<0>(0x0)::listener - packet for port = 11',
      '2026-07-01T09:00:55Z',
      'UNKNOWN',
      'Thunderbolt<0>(0x0)::listener - packet for port = 11',
    ],
    [
      'Jul  1 09:00:56 pc-10 com.example.launchd[1] (com.example.agent[33]): Service exited with code: 1',
      '2026-07-01T09:00:56Z',
      'UNKNOWN',
      'Service exited with code: 1',
    ],
    ['Jul  1 09:00:57 pc-10 Some Word Processor[14463]: view is nil', '2026-07-01T09:00:57Z', 'UNKNOWN', 'view is nil'],
  ],
};

describe('reads the headers of', () => {
  test.each(Object.entries(logs))('%s', (_, lines) => {
    // As often as in a log: a tail of ten lines tells as much as one of a hundred.
    const sample = Array.from({ length: 100 }, (_, index) => lines[index % lines.length]?.[0] ?? '');
    const { format: name, layout } = detect(sample);
    const format = formatOf(name, layout);
    for (const [line, time, level, message] of lines) {
      const parsed = format.parse(line, context);
      expect({ ...parsed, fields: {} }).toEqual({ timestamp: Date.parse(time), level, message, fields: {} });
    }
  });
});
