// osls loads plugins as CommonJS.
const { addLiveAliases, aliasFunctions } = require('../live-aliases.ts');

module.exports = class LiveAliases {
  constructor({ service }) {
    this.hooks = {
      'before:package:compileFunctions': () => aliasFunctions(service.functions),
      'after:package:compileFunctions': () =>
        addLiveAliases(service.functions, service.provider.compiledCloudFormationTemplate.Resources),
    };
  }
};
