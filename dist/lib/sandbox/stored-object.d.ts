/** An object as it is stored: plain JSON, never anything typed. */
export interface StoredObject {
    apiVersion: string;
    kind: string;
    metadata: {
        name: string;
        namespace: string;
        uid: string;
        resourceVersion: string;
        generation: number;
        creationTimestamp: string;
        labels?: Record<string, string>;
        annotations?: Record<string, string>;
        managedFields?: {
            manager: string;
            operation: string;
        }[];
        [field: string]: unknown;
    };
    spec?: Record<string, unknown>;
    status?: Record<string, unknown>;
    data?: Record<string, string>;
    [field: string]: unknown;
}
