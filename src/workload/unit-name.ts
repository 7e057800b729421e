import type { Unit } from './units.ts';

/** `deployment/cart, container server` or `compose service cart`: how a person tells units apart. */
export function unitName(unit: Unit): string {
  if (unit.kind === 'service') return `compose service ${unit.name}`;
  const { kind } = unit.container.workload.object;
  const name = [kind === '' ? 'workload' : kind.toLowerCase(), unit.workload].filter(Boolean).join('/');
  return unit.name === undefined ? name : `${name}, container ${unit.name}`;
}
