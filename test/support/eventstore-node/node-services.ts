import type { handleUnaryCall, ServiceDefinition } from '@grpc/grpc-js';
import { ClusterInfo, EndPoint, MemberInfo } from '@eventstore/db-client/generated/gossip_pb';
import { SupportedMethod, SupportedMethods } from '@eventstore/db-client/generated/serverfeatures_pb';
import { type Empty, UUID } from '@eventstore/db-client/generated/shared_pb';
import type { Clock } from '#src/kernel/clock';
import { newId } from '#src/kernel/ids';
import type { CallFaults } from './faults';
import { unavailable } from './refusals';

/** Answered to everybody, as a server does it, unless it refuses everything. */
const served =
  <A>(faults: CallFaults, answer: () => A): handleUnaryCall<Empty, A> =>
  async (_call, callback) => {
    await faults.delay();
    if (faults.state.refusing) callback(unavailable());
    else callback(null, answer());
  };

/** Which methods a client may call; it asks once per connection. */
export function serveFeatures(
  faults: CallFaults,
  service: ServiceDefinition,
  names: readonly string[],
  version: string,
): handleUnaryCall<Empty, SupportedMethods> {
  const methods = names.map((name) => {
    const [, serviceName, methodName] = service[name]!.path.toLowerCase().split('/') as [string, string, string];
    return new SupportedMethod().setServiceName(serviceName).setMethodName(methodName);
  });
  const answer = new SupportedMethods().setMethodsList(methods).setEventStoreServerVersion(version);
  return served(faults, () => answer);
}

/** A cluster of one: clients that discover go on with the address that it answers. */
export function serveGossip(
  faults: CallFaults,
  clock: Clock,
  host: string,
  port: () => number,
): handleUnaryCall<Empty, ClusterInfo> {
  const instance = new UUID().setString(newId());
  return served(faults, () => {
    const member = new MemberInfo()
      .setInstanceId(instance)
      .setTimeStamp(String(clock.now().getTime() * 10_000))
      .setState(MemberInfo.VNodeState.LEADER)
      .setIsAlive(true)
      .setHttpEndPoint(new EndPoint().setAddress(host).setPort(port()));
    return new ClusterInfo().setMembersList([member]);
  });
}
