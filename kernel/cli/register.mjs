// For node --import: TypeScript and `musclemap` work in a plugin's folder wherever it lies, with nothing installed there.
import '../typescript/register.mjs';
const { installPluginResolver } = await import('../plugins/resolver.ts');
installPluginResolver();
