import type { PermissionRegistrar } from '../accounts/permissions.ts';

/** Revenue and what is behind it. */
export const MONEY_PERMISSION = 'billing.read';

/** Nobody but administrators until one of them says otherwise. */
export function registerBillingPermissions(permissions: PermissionRegistrar): void {
  permissions.add({ id: MONEY_PERMISSION, description: 'Sees money: revenue, what was bought by whom, what Stripe says' });
}
