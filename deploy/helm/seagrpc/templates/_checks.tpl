{{/* What the values must fulfil together. Each message says what to change. */}}
{{- define "seagrpc.checks" -}}
{{- $values := .Values }}

{{- $needed := add (int $values.drain.preStopSeconds) (int $values.drain.budgetSeconds) 5 }}
{{- $grace := int $values.drain.terminationGracePeriodSeconds }}
{{- if and (gt $grace 0) (lt $grace (int $needed)) }}
{{- fail (printf "drain.terminationGracePeriodSeconds is %d, but preStopSeconds (%d), budgetSeconds (%d) and 5 seconds to close connections need %d: raise it, or set it to 0 to have it computed." $grace (int $values.drain.preStopSeconds) (int $values.drain.budgetSeconds) $needed) }}
{{- end }}

{{- if and $values.deployment.enabled (eq $values.grpc.listen "loopback") }}
{{- fail "grpc.listen is loopback, which no Service can reach: set it to all, or deployment.enabled to false for a sidecar in a pod of your own." }}
{{- end }}
{{- if and $values.deployment.enabled $values.sidecar.native }}
{{- fail "sidecar.native is for a sidecar in a pod of your own: set deployment.enabled to false, or sidecar.native to false." }}
{{- end }}
{{- if eq (int $values.grpc.port) (int $values.http.port) }}
{{- fail (printf "grpc.port and http.port are both %d: set two different ports." (int $values.grpc.port)) }}
{{- end }}

{{- $sources := list }}
{{- if $values.models.persistentVolumeClaim }}{{ $sources = append $sources "persistentVolumeClaim" }}{{ end }}
{{- if $values.models.hostPath }}{{ $sources = append $sources "hostPath" }}{{ end }}
{{- if $values.models.volume }}{{ $sources = append $sources "volume" }}{{ end }}
{{- if $values.models.init.image }}{{ $sources = append $sources "init" }}{{ end }}
{{- if gt (len $sources) 1 }}
{{- fail (printf "models has several sources (%s): keep one of them." (join ", " $sources)) }}
{{- end }}
{{- if and $sources (not $values.models.policy) }}
{{- fail (printf "models.%s is set, but models.policy is empty, so that the embedded models would be served: name the policy's folder." (first $sources)) }}
{{- end }}
{{- if and $values.models.policy (not $sources) (not (hasPrefix "/app/" $values.models.policy)) }}
{{- fail (printf "models.policy is %s, but nothing brings that folder: set models.persistentVolumeClaim, hostPath, volume or init." $values.models.policy) }}
{{- end }}

{{- if and $values.engine.address (not $values.models.policy) }}
{{- fail "engine.address is set, but models.policy is empty: name the folder with config.json, the tokenizer and the chat template of the engine's model." }}
{{- end }}
{{- if and $values.engine.address (lt (int $values.probes.startup.timeoutSeconds) (int $values.engine.startTimeoutSeconds)) }}
{{- fail (printf "probes.startup.timeoutSeconds is %d, so that the pod would be restarted while the server still waits for the engine (engine.startTimeoutSeconds is %d): raise it." (int $values.probes.startup.timeoutSeconds) (int $values.engine.startTimeoutSeconds)) }}
{{- end }}

{{- if and $values.tls.clientCa.secret (not $values.tls.secret) }}
{{- fail "tls.clientCa.secret is set, but tls.secret is empty: name the Secret with the server's certificate and key." }}
{{- end }}

{{- if and (gt (int $values.gpu.count) 0) (eq $values.models.device "cpu") }}
{{- fail (printf "gpu.count is %d, but models.device is cpu: set it to cuda or auto, or gpu.count to 0." (int $values.gpu.count)) }}
{{- end }}
{{- if and (eq (int $values.gpu.count) 0) (hasPrefix "cuda" $values.models.device) }}
{{- fail (printf "models.device is %s, but gpu.count is 0: set it to the number of GPUs of a pod." $values.models.device) }}
{{- end }}

{{- range $key, $value := $values.settings }}
{{- if not (or (hasPrefix "SeaGrpc:" $key) (hasPrefix "Logging:" $key)) }}
{{- fail (printf "settings has %s, but a setting's name begins with SeaGrpc: or Logging:, as in docs/configuration.md." $key) }}
{{- end }}
{{- end }}

{{- if $values.deployment.enabled }}
{{- $least := int $values.deployment.replicas }}
{{- if ne $values.autoscaling.kind "none" }}
{{- $least = int $values.autoscaling.minReplicas }}
{{- if gt (int $values.autoscaling.minReplicas) (int $values.autoscaling.maxReplicas) }}
{{- fail (printf "autoscaling.minReplicas (%d) is more than maxReplicas (%d)." (int $values.autoscaling.minReplicas) (int $values.autoscaling.maxReplicas)) }}
{{- end }}
{{- end }}
{{- if and (eq $values.autoscaling.kind "keda") (not $values.autoscaling.prometheus) }}
{{- fail "autoscaling.kind is keda, but autoscaling.prometheus is empty: set it to the address of Prometheus, http://prometheus.monitoring:9090 say." }}
{{- end }}
{{- $budget := $values.podDisruptionBudget }}
{{- $most := toString $budget.maxUnavailable }}
{{- $fewest := toString $budget.minAvailable }}
{{- if $budget.enabled }}
{{- if and (ne $most "") (ne $fewest "") }}
{{- fail "podDisruptionBudget has maxUnavailable and minAvailable: set one of them to \"\"." }}
{{- end }}
{{- if or (and (eq $most "") (eq $fewest "")) (eq $most "0") (eq $most "0%") (eq $fewest "100%") (and (regexMatch "^[0-9]+$" $fewest) (ge (int $fewest) $least)) }}
{{- fail (printf "podDisruptionBudget (maxUnavailable \"%s\", minAvailable \"%s\") would never let a pod be evicted with %d replicas, which blocks the upgrade of a node: set maxUnavailable to 1." $most $fewest $least) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
