import {
  array,
  boolean,
  int8,
  int16,
  int32,
  nullableArray,
  nullableString,
  since,
  string,
  struct,
} from '../wire/schema.ts';

/*
  DescribeConfigs Request (1..4) => [resources] include_synonyms include_documentation (3+)
    resources => resource_type resource_name [configuration_keys]
  resource_type: 2 topic, 4 broker. All keys: NULL.
*/
export const describeConfigsRequest = struct({
  resources: array(struct({ resourceType: int8, resourceName: string, configurationKeys: nullableArray(string) })),
  includeSynonyms: boolean,
  includeDocumentation: since(3, boolean, false),
});

/*
  DescribeConfigs Response => throttle_time_ms [results]
    results => error_code error_message resource_type resource_name [configs]
      configs => name value read_only config_source is_sensitive [synonyms] config_type (3+) documentation (3+)
        synonyms => name value source
*/
export const describeConfigsResponse = struct({
  throttleTime: int32,
  results: array(
    struct({
      errorCode: int16,
      errorMessage: nullableString,
      resourceType: int8,
      resourceName: string,
      configs: array(
        struct({
          name: string,
          value: nullableString,
          readOnly: boolean,
          configSource: int8,
          isSensitive: boolean,
          synonyms: array(struct({ name: string, value: nullableString, source: int8 })),
          configType: since(3, int8, 0),
          documentation: since(3, nullableString, null),
        }),
      ),
    }),
  ),
});

/*
  AlterConfigs Request (0..2) => [resources] validate_only
    resources => resource_type resource_name [configs]
      configs => name value
*/
export const alterConfigsRequest = struct({
  resources: array(
    struct({
      resourceType: int8,
      resourceName: string,
      configs: array(struct({ name: string, value: nullableString })),
    }),
  ),
  validateOnly: boolean,
});

/*
  IncrementalAlterConfigs Request (0..1) => [resources] validate_only
    resources => resource_type resource_name [configs]
      configs => name config_operation value
  config_operation: 0 set, 1 delete, 2 append, 3 subtract
*/
export const incrementalAlterConfigsRequest = struct({
  resources: array(
    struct({
      resourceType: int8,
      resourceName: string,
      configs: array(struct({ name: string, operation: int8, value: nullableString })),
    }),
  ),
  validateOnly: boolean,
});

/*
  AlterConfigs Response, IncrementalAlterConfigs Response => throttle_time_ms [responses]
    responses => error_code error_message resource_type resource_name
*/
export const alterConfigsResponse = struct({
  throttleTime: int32,
  responses: array(
    struct({ errorCode: int16, errorMessage: nullableString, resourceType: int8, resourceName: string }),
  ),
});
