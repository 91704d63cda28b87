import { ApiError, type PluginContracts, type PluginKernel } from 'musclemap';

/** What fitness knows of members' training; it is there whenever this plugin is enabled. */
export function historyOf(kernel: PluginKernel): PluginContracts['fitness']['services']['history'] {
  const { services } = kernel.plugin('fitness');
  if (services === undefined) throw new ApiError('UNAVAILABLE');
  return services.history;
}
