// osls takes variables from CommonJS alone. An option that was not given is null.
const { readOverrides, readParameters } = require('../read-parameters.ts');

module.exports = ({ options: { region, stage, param } }) => ({
  default: readParameters(region ?? undefined, stage ?? undefined, readOverrides(param ?? [])),
});
