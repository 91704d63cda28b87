import type { JSX } from 'preact';

/** Strokes on a grid of 24. */
const PATHS = {
  home: 'M4 11l8-7 8 7v8a1 1 0 0 1-1 1h-4v-6H9v6H5a1 1 0 0 1-1-1z',
  plugins: 'M9 4v4m6-4v4M6 8h12v4a6 6 0 0 1-12 0zm6 10v3',
  members: 'M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zm-6 9c.4-3.5 2.7-5.5 6-5.5s5.6 2 6 5.5M16 4.5a3.5 3.5 0 0 1 0 6M18 15c1.800.7 2.800 2.400 3 5',
  credits: 'M12 5c4.400 0 8 1.300 8 3s-3.600 3-8 3-8-1.300-8-3 3.600-3 8-3zM4 8v8c0 1.700 3.600 3 8 3s8-1.300 8-3V8M4 12c0 1.700 3.600 3 8 3s8-1.300 8-3',
  jobs: 'M12 8v4l3 2M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16z',
  audit: 'M7 4h10a1 1 0 0 1 1 1v14a1 1 0 0 1-1 1H7a1 1 0 0 1-1-1V5a1 1 0 0 1 1-1zm2 5h6m-6 4h6m-6 4h3',
  shield: 'M12 3l7 3v5c0 4.500-2.900 8-7 10-4.100-2-7-5.500-7-10V6zm-3 9l2 2 4-4',
  trophy: 'M8 4h8v5a4 4 0 0 1-8 0zm0 1H5v1a3 3 0 0 0 3 3m8-4h3v1a3 3 0 0 1-3 3m-4 4v4m-4 3h8',
  bulb: 'M9 18h6m-5 3h4M12 3a6 6 0 0 1 3.500 10.900c-.6.500-1 1.200-1 2.100h-5c0-.9-.4-1.600-1-2.100A6 6 0 0 1 12 3z',
  settings: 'M4 7h10m4 0h2M4 12h4m4 0h8M4 17h9m4 0h3M16 5v4M10 10v4M15 15v4',
  panel: 'M4 5h16v14H4zM4 10h16M10 10v9',
  menu: 'M4 7h16M4 12h16M4 17h16',
  close: 'M6 6l12 12M18 6L6 18',
  check: 'M5 12.500l4.500 4.500L19 7.500',
  alert: 'M12 4l9 15H3zm0 6v4m0 2.500v.1',
  search: 'M11 5a6 6 0 1 0 0 12 6 6 0 0 0 0-12zm4.500 10.500L20 20',
  plus: 'M12 5v14M5 12h14',
  trash: 'M5 7h14M10 7V4h4v3m-7 0l1 13h8l1-13',
  back: 'M14 6l-6 6 6 6',
  next: 'M10 6l6 6-6 6',
  sun: 'M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zm0-5v2m0 14v2M3 12h2m14 0h2M5.600 5.600L7 7m10 10l1.400 1.400M5.600 18.400L7 17M17 7l1.400-1.400',
  moon: 'M20 14.500A8.500 8.500 0 0 1 9.500 4 8.500 8.500 0 1 0 20 14.500z',
  device: 'M4 5h16v11H4zm5 15h6m-3-4v4',
  out: 'M14 4h5v16h-5M10 8l-4 4 4 4m-4-4h9',
  refresh: 'M19 8a8 8 0 1 0 1 5M19 4v4h-4',
  key: 'M15 4a5 5 0 0 0-4.700 6.700L4 17v3h4v-3h3v-3l1.300-1.300A5 5 0 1 0 15 4zm1 4v.1',
  upload: 'M12 16V5m-4 4l4-4 4 4M5 19h14',
  link: 'M10 5H5v14h14v-5M14 4h6v6m0-6l-9 9',
} as const;

export type IconName = keyof typeof PATHS;

/** A picture beside words; it says nothing by itself. */
export function Icon({ name, size = 20 }: { name: IconName; size?: number }): JSX.Element {
  return (
    <svg class="icon" width={size} height={size} viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
