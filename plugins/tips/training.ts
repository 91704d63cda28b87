import { ApiError, type PluginContracts, type PluginKernel } from 'musclemap';

/** What fitness knows; it is there whenever this plugin is enabled. */
export function fitnessOf(kernel: PluginKernel): PluginContracts['fitness']['services'] {
  const { services } = kernel.plugin('fitness');
  if (services === undefined) throw new ApiError('UNAVAILABLE');
  return services;
}
