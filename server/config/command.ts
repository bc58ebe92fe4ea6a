import type { Command } from 'commander';
import { jsonSchema } from './key.ts';
import type { LoadedConfig } from './load.ts';
import { printConfig } from './print.ts';

/**
 * `tailql config print|validate|schema`.
 * @param load reads the configuration; throws OperatorError when something is wrong with it
 * @param write gets what is to be seen on standard output
 */
export function configCommand(command: Command, load: () => LoadedConfig, write: (text: string) => void): void {
  const config = command.command('config').description('show or check the configuration');
  config
    .command('print')
    .description('the configuration in effect, as YAML, and where each value comes from; secrets are not shown')
    .action(() => write(printConfig(load())));
  config
    .command('validate')
    .description('say what is wrong with the configuration, if anything')
    .action(() => {
      load();
      write('The configuration is valid.\n');
    });
  config
    .command('schema')
    .description('JSON Schema of the configuration file, for editors')
    .action(() => write(`${JSON.stringify(jsonSchema(), null, 2)}\n`));
}
