// osls takes variables from CommonJS alone.
const { readParameters } = require('../read-parameters.ts');

module.exports = ({ options }) => ({ default: readParameters(options.region, options.stage) });
