/** What becomes of a parameter of a jdbc:postgresql url. */
type Treatment =
  /** It is read by `parseJdbcUrl`. */
  | 'used'
  /** It tunes what the Java driver does and nothing here needs it. */
  | 'needless'
  /** It asks for something that this connector does not do. */
  | 'unsupported';

const used = [
  'user',
  'password',
  'ssl',
  'sslmode',
  'sslrootcert',
  'sslcert',
  'sslkey',
  'sslpassword',
  'sslfactory',
  'sslNegotiation',
  'currentSchema',
  'ApplicationName',
  'connectTimeout',
  'loginTimeout',
  'socketTimeout',
  'tcpKeepAlive',
  'options',
  'stringtype',
  'prepareThreshold',
  'readOnly',
];

/** `targetServerType` among them: rows are always written to a primary, whichever of the hosts that is. */
const needless = [
  'adaptiveFetch',
  'adaptiveFetchMaximum',
  'adaptiveFetchMinimum',
  'allowEncodingChanges',
  'assumeMinServerVersion',
  'autosave',
  'binaryTransfer',
  'binaryTransferDisable',
  'binaryTransferEnable',
  'cancelSignalTimeout',
  'channelBinding',
  'cleanupSavepoints',
  'databaseMetadataCacheFields',
  'databaseMetadataCacheFieldsMiB',
  'defaultRowFetchSize',
  'disableColumnSanitiser',
  'escapeSyntaxCallMode',
  'gssEncMode',
  'gssResponseTimeout',
  'gssUseDefaultCreds',
  'hideUnprivilegedObjects',
  'hostRecheckSeconds',
  'loadBalanceHosts',
  'logServerErrorDetail',
  'logUnclosedConnections',
  'loggerFile',
  'loggerLevel',
  'maxResultBuffer',
  'maxSendBufferSize',
  'preferQueryMode',
  'preparedStatementCacheQueries',
  'preparedStatementCacheSizeMiB',
  'protocolVersion',
  'quoteReturningIdentifiers',
  'reWriteBatchedInserts',
  'readOnlyMode',
  'receiveBufferSize',
  'sendBufferSize',
  'sslResponseTimeout',
  'targetServerType',
  'tcpNoDelay',
  'unknownLength',
  'xmlFactoryFactory',
];

const unsupported = [
  'authenticationPluginClassName',
  'groupStartupParameters',
  'jaasApplicationName',
  'jaasLogin',
  'kerberosServerName',
  'localSocketAddress',
  'queryTimeout',
  'replication',
  'requireAuth',
  'service',
  'socketFactory',
  'socketFactoryArg',
  'sslfactoryarg',
  'sslhostnameverifier',
  'sslpasswordcallback',
  'sspiServiceClass',
  'useSpnego',
];

export const urlParameters: ReadonlyMap<string, Treatment> = new Map<string, Treatment>([
  ...used.map((name) => [name, 'used'] as const),
  ...needless.map((name) => [name, 'needless'] as const),
  ...unsupported.map((name) => [name, 'unsupported'] as const),
]);
