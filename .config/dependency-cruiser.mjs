const rule = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

export default {
  forbidden: [
    rule('plugins-use-the-door', 'A plugin imports musclemap, npm packages and its own folder.', { path: '^(plugins|examples)/([^/]+)/', pathNot: '\\.test\\.ts$' }, { path: '^(kernel|migrations|test)/', pathNot: '^kernel/index\\.ts$' }),
    rule('plugins-know-no-plugin', 'A plugin uses the hooks and services of another, never its files.', { path: '^(plugins|examples)/([^/]+)/' }, { path: '^(plugins|examples)/', pathNot: '^$1/$2/' }),
    rule('kernel-knows-no-plugin', 'The kernel knows no plugin.', { path: '^kernel/' }, { path: '^(plugins|examples|test|migrations)/' }),
    rule('migrations-stand-alone', 'A migration is frozen: it uses nothing that changes.', { path: '(^|/)migrations/' }, { path: '^(kernel|plugins|test)/', pathNot: '(^|/)migrations/' }),
    rule('no-cycles', 'Modules that need each other at run time are one module.', { path: '^(kernel|plugins|examples)/' }, { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } }),
    rule('no-junk-drawers', 'A folder is named for its subject.', {}, { path: '/(utils?|helpers?|common)/' , pathNot: 'node_modules' }),
    rule('no-dev-dependencies', 'What runs in production is installed in production.', { path: '^(kernel|plugins)/' }, { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'], pathNot: '@types/' }),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    combinedDependencies: false,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'node', 'default'] },
  },
};
