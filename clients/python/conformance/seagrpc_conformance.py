"""Runs the conformance cases of a file and prints what came of each, one JSON object a line: clients/conformance/README.md."""

import asyncio
import contextlib
import json
import sys
import time

from google.protobuf import json_format

from seagrpc import AsyncClient, Client, EarlyStop, RetryPolicy, SeaGrpcError, chat, v1


def to_json(message):
    return json_format.MessageToDict(message)


def connect(kind, case):
    options = {"token": case.get("token")}
    if "ca" in case:
        with open(case["ca"], "rb") as file:
            options["root_certificates"] = file.read()
    if "attempts" in case:
        options["retries"] = RetryPolicy(max_attempts=case["attempts"])
    return kind(case["server"], **options)


def request_of(case):
    message = {
        "Health": v1.GetServerInfoRequest,  # Health has no request of the contract.
        "GetServerInfo": v1.GetServerInfoRequest,
        "Align": v1.AlignRequest,
        "StreamAlign": v1.StreamAlignRequest,
        "AlignBatch": v1.AlignBatchRequest,
        "Score": v1.ScoreRequest,
        "CancelAlignment": v1.CancelAlignmentRequest,
    }[case["rpc"]]()
    json_format.ParseDict(case.get("request", {}), message)
    if "chat" in case:
        message.spec.prompt.CopyFrom(chat(case["chat"]))
    return message


def options_of(case):
    return {"timeout": case["deadline_ms"] / 1000 if "deadline_ms" in case else None, "metadata": case.get("metadata")}


def stop_of(case):
    stop = case["stop"]
    return EarlyStop.when_reward_passes(stop["reward_above"]) if "reward_above" in stop else EarlyStop.after(stop["after_ms"] / 1000)


def early(answer):
    return {"stopped_early": answer.final is None, "iteration": answer.iteration, "best": to_json(answer.response)}


def by_index(results):
    return {"results": [to_json(result) for result in sorted(results, key=lambda result: result.index)]}


def describe(failure):
    return {
        "code": failure.code.name,
        "reason": failure.reason,
        "message": str(failure),
        "type": type(failure).__name__,
        "retry_after_ms": None if failure.retry_after is None else failure.retry_after * 1000,
        "metadata": failure.metadata,
        "violations": [vars(violation) for violation in failure.violations],
    }


def call(client, case, observed):
    options, request, rpc = options_of(case), request_of(case), case["rpc"]
    if rpc == "GetServerInfo":
        observed["response"] = to_json(client.server_info(**options))
    elif rpc == "Health":
        observed["response"] = {"serving": client.is_serving(**options)}
    elif rpc == "Align":
        observed["response"] = to_json(client.align(request.spec, **options))
    elif rpc == "Score":
        observed["response"] = to_json(client.score(request, **options))
    elif rpc == "CancelAlignment":
        observed["response"] = {"cancelled": client.cancel(request, **options)}
    elif rpc == "AlignBatch":
        observed["response"] = by_index(list(client.align_batch(request.specs, **options)))
    elif "stop" in case:
        observed["response"] = early(client.align_until(request.spec, stop_of(case), **options))
    else:
        events = client.stream(request.spec, **options)
        for event in events:
            observed["events"].append(to_json(event))
            if len(observed["events"]) == case.get("cancel_after"):
                events.close()
                return "cancelled"
            time.sleep(case.get("read_delay_ms", 0) / 1000)
    return "ok"


async def call_async(client, case, observed):
    options, request, rpc = options_of(case), request_of(case), case["rpc"]
    if rpc == "GetServerInfo":
        observed["response"] = to_json(await client.server_info(**options))
    elif rpc == "Health":
        observed["response"] = {"serving": await client.is_serving(**options)}
    elif rpc == "Align":
        observed["response"] = to_json(await client.align(request.spec, **options))
    elif rpc == "Score":
        observed["response"] = to_json(await client.score(request, **options))
    elif rpc == "CancelAlignment":
        observed["response"] = {"cancelled": await client.cancel(request, **options)}
    elif rpc == "AlignBatch":
        observed["response"] = by_index([result async for result in client.align_batch(request.specs, **options)])
    elif "stop" in case:
        observed["response"] = early(await client.align_until(request.spec, stop_of(case), **options))
    else:
        # asyncio's own cancellation: of the task that reads.
        async def read():
            async with contextlib.aclosing(client.stream(request.spec, **options)) as events:
                async for event in events:
                    observed["events"].append(to_json(event))
                    if len(observed["events"]) == case.get("cancel_after"):
                        asyncio.get_running_loop().call_soon(asyncio.current_task().cancel)
                        await asyncio.sleep(60)
                    await asyncio.sleep(case.get("read_delay_ms", 0) / 1000)

        try:
            await asyncio.create_task(read())
        except asyncio.CancelledError:
            return "cancelled"
    return "ok"


def observe(case):
    observed = {"case": case["name"], "events": []}
    try:
        with connect(Client, case) as client:
            observed["outcome"] = call(client, case, observed)
    except SeaGrpcError as failure:
        observed.update(outcome="error", error=describe(failure))
    except ValueError as refused:
        observed.update(outcome="refused", error={"message": str(refused)})
    return observed


async def observe_async(case):
    observed = {"case": case["name"], "events": []}
    try:
        async with connect(AsyncClient, case) as client:
            observed["outcome"] = await call_async(client, case, observed)
    except SeaGrpcError as failure:
        observed.update(outcome="error", error=describe(failure))
    except ValueError as refused:
        observed.update(outcome="refused", error={"message": str(refused)})
    return observed


def main():
    with open(sys.argv[-1], encoding="utf-8") as file:
        cases = json.load(file)
    loop = asyncio.new_event_loop()
    for case in cases:
        observed = loop.run_until_complete(observe_async(case)) if "--asyncio" in sys.argv else observe(case)
        print(json.dumps(observed, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()
