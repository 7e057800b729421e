/** Go calls outside the workspace whose result has as many elements as data has: rows, files, keys, members. */

/** Functions that list files, by canonical name. */
export const goListFunctions: ReadonlySet<string> = new Set([
  'os.ReadDir', // https://pkg.go.dev/os#ReadDir
  'io/ioutil.ReadDir', // https://pkg.go.dev/io/ioutil#ReadDir
  'path/filepath.Glob', // https://pkg.go.dev/path/filepath#Glob
  'io/fs.ReadDir', // https://pkg.go.dev/io/fs#ReadDir
  'io/fs.Glob', // https://pkg.go.dev/io/fs#Glob
]);

/** Methods by name, on objects whose type is not of the workspace. */
export const goListMethods: ReadonlySet<string> = new Set([
  'Query', // https://pkg.go.dev/database/sql#DB.Query
  'QueryContext', // https://pkg.go.dev/database/sql#DB.QueryContext
  'Queryx', // https://pkg.go.dev/github.com/jmoiron/sqlx#DB.Queryx
  'NamedQuery', // https://pkg.go.dev/github.com/jmoiron/sqlx#DB.NamedQuery
  'SMembers', // https://pkg.go.dev/github.com/redis/go-redis/v9#Client.SMembers
  'LRange', // https://pkg.go.dev/github.com/redis/go-redis/v9#Client.LRange
  'HKeys', // https://pkg.go.dev/github.com/redis/go-redis/v9#Client.HKeys
  'HGetAll', // https://pkg.go.dev/github.com/redis/go-redis/v9#Client.HGetAll
  'ZRange', // https://pkg.go.dev/github.com/redis/go-redis/v9#Client.ZRange
  'PollFetches', // https://pkg.go.dev/github.com/twmb/franz-go/pkg/kgo#Client.PollFetches
  'PollRecords', // https://pkg.go.dev/github.com/twmb/franz-go/pkg/kgo#Client.PollRecords
  'ReceiveMessage', // https://pkg.go.dev/github.com/aws/aws-sdk-go-v2/service/sqs#Client.ReceiveMessage
  'ListObjectsV2', // https://pkg.go.dev/github.com/aws/aws-sdk-go-v2/service/s3#Client.ListObjectsV2
  'Readdir', // https://pkg.go.dev/os#File.Readdir
  'Readdirnames', // https://pkg.go.dev/os#File.Readdirnames
  'ReadAll', // https://pkg.go.dev/encoding/csv#Reader.ReadAll
]);

/** Methods that fill the list they are given a pointer to. */
export const goListFillers =
  /^(Decode\w*|Unmarshal\w*|ShouldBind\w*|Bind\w*|BodyParser|Read|ReadJSON|List|Find|Select|SelectContext|Scan|All|Preload)$/;

/** Names, last word in the singular, of items there are as many of as the deployment has members and parts. */
export const deployedItems =
  /^(replica|shard|region|zone|disk|drive|broker|upstream|datacenter|ingester|ingestor)$/;

/** Methods that give a reader's next item: https://pkg.go.dev/encoding/csv#Reader.Read */
export const readsNextItem = /^(Read|ReadString|ReadBytes|ReadRecord|Decode|Token|Next|NextPart|Recv)$/;

/** Interfaces, by the last word of their name, that a program implements itself: of such there are as many as it has code for. */
export const implementedItems =
  /^(provisioner|provider|driver|plugin|backend|engine|exporter|codec|notifier|handler|resolver)$/;
