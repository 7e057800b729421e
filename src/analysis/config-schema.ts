import * as z from 'zod/mini';

/** What a rule can be set to: `off`, or the severity all its findings get. */
export const RuleLevel = z.enum(['off', 'error', 'warning', 'information', 'hint']);

const Globs = z.array(z.string().check(z.minLength(1)));
const Rules = z.record(z.string(), RuleLevel);

const Name = z.string().check(z.minLength(1));
const Service = z.strictObject({
  source: Name.check(
    z.describe('The program: the folder or file of its `main`, relative to this file, or its name.'),
  ),
  container: z.optional(Name).check(z.describe('The name of the container or of the compose service.')),
  workload: z.optional(Name).check(z.describe('The name of the Deployment or other workload.')),
  image: z.optional(Name).check(z.describe('The image, without its tag.')),
});

/** The shape of `headroom.yaml`. The JSON schema that editors complete from is made of this very object. */
export const ConfigSchema = z.strictObject({
  root: z
    .optional(z.boolean())
    .check(z.describe('Stop here: `headroom.yaml` files in the folders above are not read.')),
  include: z
    .optional(Globs)
    .check(
      z.describe(
        'Only files that match one of these patterns are reviewed. Patterns are relative to this file.',
      ),
    ),
  exclude: z
    .optional(Globs)
    .check(
      z.describe(
        'Files and folders that match are not read at all, in addition to what ignore files leave out.',
      ),
    ),
  rules: z
    .optional(Rules)
    .check(z.describe('The severity of each rule, or `off`. What is not named keeps its default.')),
  overrides: z
    .optional(
      z.array(
        z.strictObject({
          files: Globs.check(z.describe('Patterns relative to this file.')),
          rules: Rules.check(z.describe('Severities for the matching files. Later entries win.')),
        }),
      ),
    )
    .check(z.describe('Other severities for some files.')),
  headroom: z
    .optional(z.number().check(z.gte(20), z.lte(30)))
    .check(
      z.describe(
        'Room above the measured or documented peak that a limit should leave, in per cent (20–30).',
      ),
    ),
  services: z
    .optional(z.record(z.string(), Service))
    .check(
      z.describe(
        'What runs where, in case it cannot be told. A name without `container`, `workload` or `image` is that of the container or workload.',
      ),
    ),
});

export type RuleLevel = z.infer<typeof RuleLevel>;
export type ConfigValues = z.infer<typeof ConfigSchema>;
