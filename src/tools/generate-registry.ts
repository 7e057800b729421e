/** `npm run bless`, first step: the registry must exist before anything that imports the rules can be built. */
import { writeFileSync } from 'node:fs';
import { REGISTRY, registryText, ruleIds, serviceRuleIds } from './generate/registry.ts';

const ids = ruleIds('.');
writeFileSync(REGISTRY, registryText(ids, serviceRuleIds('.')));
console.log(`${REGISTRY}: ${ids.length} rules`);
