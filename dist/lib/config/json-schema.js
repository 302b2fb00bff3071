/** A shape as JSON Schema, for editors. */
export function toJsonSchema(shape) {
    const description = shape.doc;
    switch (shape.kind) {
        case 'text':
            return { description, type: ['string', 'number'], ...(shape.pattern && { pattern: shape.pattern.source }) };
        case 'number':
            return { description, type: shape.whole === true ? 'integer' : 'number', minimum: shape.min, maximum: shape.max };
        case 'duration':
            return { description, type: 'string', pattern: '^([0-9]+(\\.[0-9]+)?(ms|s|m|h|d))+$' };
        case 'share':
            return {
                description,
                anyOf: [
                    { type: 'number', minimum: 0, maximum: 1 },
                    { type: 'string', pattern: '^[0-9]+(\\.[0-9]+)?\\s*%$' },
                ],
            };
        case 'boolean':
            return { description, type: 'boolean' };
        case 'choice':
            return { description, enum: shape.of };
        case 'never':
            return { description: shape.wanted, not: {} };
        case 'list': {
            const list = { type: 'array', items: toJsonSchema(shape.of) };
            return shape.short === true ? { description, anyOf: [list, { type: 'string' }] } : { description, ...list };
        }
        case 'map':
            return { description, type: 'object', additionalProperties: toJsonSchema(shape.of) };
        case 'object': {
            const properties = Object.fromEntries(Object.entries(shape.keys).map(([key, one]) => [key, toJsonSchema(one)]));
            const object = { type: ['object', 'null'], properties, additionalProperties: false };
            return shape.from === undefined
                ? { description, ...object }
                : { description, anyOf: [object, { type: ['number', 'string'] }] };
        }
        default:
            return shape;
    }
}
