// The four functions that a page of the integration guide calls, over one client made at first use.

import { Aethel, type Account, type PurchaseMade, type PurchaseUnderWay, type TierName, type Usage } from "./generated.js";
import type { Settings } from "./transport.js";

export type BillingAccount = Account;
export type UsageReport = Usage;

let shared: Aethel | undefined;

/** Chooses server and key for the functions below; without it AETHEL_URL and AETHEL_KEY do. */
export function connect(settings: Settings): Aethel {
  shared = new Aethel(settings);
  return shared;
}

const client = (): Aethel => (shared ??= new Aethel());

export async function createAccount(customerName: string, tier: TierName = "developer"): Promise<BillingAccount> {
  return client().openAccount({ customer_name: customerName, tier });
}

export async function purchaseCredits(accountId: string, packageName: string): Promise<PurchaseMade | PurchaseUnderWay> {
  return client().buyPackage({ account_id: accountId, package_name: packageName });
}

export async function getBalance(accountId: string): Promise<number> {
  return (await client().readBalance(accountId)).balance;
}

export async function getUsageReport(accountId: string, days = 30): Promise<UsageReport> {
  return client().readUsage(accountId, { days });
}
