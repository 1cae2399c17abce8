{{/*
Parts of a pod, for the Deployment of this chart and for your own. In a chart that depends on this one, hand in its context:

    {{- include "seagrpc.containers" .Subcharts.seagrpc | nindent 8 }}
*/}}

{{/* How long a pod may take to end: a number. */}}
{{- define "seagrpc.terminationGracePeriodSeconds" -}}
{{- if gt (int .Values.drain.terminationGracePeriodSeconds) 0 }}
{{- int .Values.drain.terminationGracePeriodSeconds }}
{{- else }}
{{- add (int .Values.drain.preStopSeconds) (int .Values.drain.budgetSeconds) 10 }}
{{- end }}
{{- end }}

{{- define "seagrpc.folder" -}}
{{- if hasPrefix "/" .folder }}{{ .folder }}{{ else }}{{ printf "%s/%s" .mountPath .folder }}{{ end }}
{{- end }}

{{- define "seagrpc.hasModels" -}}
{{- if or .Values.models.persistentVolumeClaim .Values.models.hostPath .Values.models.volume .Values.models.init.image }}true{{ end }}
{{- end }}

{{/* The settings of the server, as environment variables. */}}
{{- define "seagrpc.environment" -}}
{{- $values := .Values }}
- name: SeaGrpc__Transport__Grpc
  value: {{ printf "%s://%s:%d" (empty $values.tls.secret | ternary "http" "https") (eq $values.grpc.listen "loopback" | ternary "127.0.0.1" "*") (int $values.grpc.port) | quote }}
- name: SeaGrpc__Transport__Http
  value: {{ printf "http://*:%d" (int $values.http.port) | quote }}
- name: SeaGrpc__Engine__DrainBudget
  value: {{ printf "%02d:%02d:%02d" (div (int $values.drain.budgetSeconds) 3600) (mod (div (int $values.drain.budgetSeconds) 60) 60) (mod (int $values.drain.budgetSeconds) 60) | quote }}
{{- with $values.models }}
{{- if .policy }}
- name: SeaGrpc__Models__Policy
  value: {{ include "seagrpc.folder" (dict "folder" .policy "mountPath" .mountPath) | quote }}
{{- end }}
{{- if .reward }}
- name: SeaGrpc__Models__Reward
  value: {{ include "seagrpc.folder" (dict "folder" .reward "mountPath" .mountPath) | quote }}
{{- end }}
{{- if .policyName }}
- name: SeaGrpc__Models__PolicyName
  value: {{ .policyName | quote }}
{{- end }}
{{- if .rewardName }}
- name: SeaGrpc__Models__RewardName
  value: {{ .rewardName | quote }}
{{- end }}
- name: SeaGrpc__Models__Device
  value: {{ .device | quote }}
- name: SeaGrpc__Models__Dtype
  value: {{ .dtype | quote }}
- name: SeaGrpc__Models__Threads
  value: {{ int .threads | quote }}
{{- end }}
{{- with $values.engine }}
{{- if .address }}
- name: SeaGrpc__Models__Engine__Endpoint
  value: {{ .address | quote }}
- name: SeaGrpc__Models__Engine__Kind
  value: {{ get (dict "vllm" "Vllm" "sglang" "Sglang" "llama.cpp" "LlamaCpp") .kind | quote }}
- name: SeaGrpc__Models__Engine__Alternatives
  value: {{ int .alternatives | quote }}
- name: SeaGrpc__Models__Engine__StartTimeout
  value: {{ printf "%02d:%02d:%02d" (div (int .startTimeoutSeconds) 3600) (mod (div (int .startTimeoutSeconds) 60) 60) (mod (int .startTimeoutSeconds) 60) | quote }}
{{- if .model }}
- name: SeaGrpc__Models__Engine__Model
  value: {{ .model | quote }}
{{- end }}
{{- if .apiKey.secret }}
- name: SeaGrpc__Models__Engine__ApiKey
  valueFrom:
    secretKeyRef:
      name: {{ .apiKey.secret }}
      key: {{ .apiKey.key }}
{{- end }}
{{- end }}
{{- end }}
{{- if $values.token.secret }}
- name: SeaGrpc__Security__AuthTokenFile
  value: {{ printf "/run/secrets/seagrpc/%s" $values.token.key | quote }}
{{- end }}
{{- if $values.tls.secret }}
- name: SeaGrpc__Tls__Certificate
  value: /run/secrets/seagrpc-tls/tls.crt
- name: SeaGrpc__Tls__Key
  value: /run/secrets/seagrpc-tls/tls.key
{{- if $values.tls.clientCa.secret }}
- name: SeaGrpc__Tls__ClientCa
  value: {{ printf "/run/secrets/seagrpc-client-ca/%s" $values.tls.clientCa.key | quote }}
{{- end }}
{{- end }}
{{- range $key, $value := $values.settings }}
- name: {{ $key | replace ":" "__" }}
  {{- /* Whole numbers of YAML are floats here, and would have an exponent from a million on. */}}
  value: {{ (and (kindIs "float64" $value) (eq $value (floor $value))) | ternary (printf "%.0f" (float64 $value)) (toString $value) | quote }}
{{- end }}
{{- with $values.env }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "seagrpc.probe" -}}
httpGet:
  path: {{ .path }}
  port: {{ .port }}
{{- end }}

{{/* The container, as a list of one. */}}
{{- define "seagrpc.containers" -}}
{{- include "seagrpc.checks" . }}
- name: {{ .Values.container.name }}
  image: {{ include "seagrpc.image" . | quote }}
  imagePullPolicy: {{ .Values.image.pullPolicy }}
  {{- if .Values.sidecar.native }}
  restartPolicy: Always
  {{- end }}
  ports:
    {{- if ne .Values.grpc.listen "loopback" }}
    - name: grpc
      containerPort: {{ int .Values.grpc.port }}
    {{- end }}
    - name: sea-http
      containerPort: {{ int .Values.http.port }}
  env:
    {{- include "seagrpc.environment" . | nindent 4 }}
  startupProbe:
    {{- include "seagrpc.probe" (dict "path" "/healthz/ready" "port" "sea-http") | nindent 4 }}
    periodSeconds: {{ int .Values.probes.startup.periodSeconds }}
    timeoutSeconds: 5
    failureThreshold: {{ max 1 (div (int .Values.probes.startup.timeoutSeconds) (int .Values.probes.startup.periodSeconds)) }}
  readinessProbe:
    {{- include "seagrpc.probe" (dict "path" "/healthz/ready" "port" "sea-http") | nindent 4 }}
    periodSeconds: {{ int .Values.probes.readiness.periodSeconds }}
    timeoutSeconds: 5
    failureThreshold: {{ int .Values.probes.readiness.failureThreshold }}
  livenessProbe:
    {{- include "seagrpc.probe" (dict "path" "/healthz/live" "port" "sea-http") | nindent 4 }}
    periodSeconds: {{ int .Values.probes.liveness.periodSeconds }}
    timeoutSeconds: 5
    failureThreshold: {{ int .Values.probes.liveness.failureThreshold }}
  {{- if gt (int .Values.drain.preStopSeconds) 0 }}
  lifecycle:
    preStop:
      sleep:
        seconds: {{ int .Values.drain.preStopSeconds }}
  {{- end }}
  {{- $resources := deepCopy .Values.resources }}
  {{- if gt (int .Values.gpu.count) 0 }}
  {{- $resources = mergeOverwrite $resources (dict "limits" (dict .Values.gpu.resource (int .Values.gpu.count))) }}
  {{- end }}
  {{- with $resources }}
  resources:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  securityContext:
    {{- toYaml .Values.securityContext | nindent 4 }}
  {{- if or .Values.token.secret .Values.tls.secret (include "seagrpc.hasModels" .) }}
  volumeMounts:
    {{- if include "seagrpc.hasModels" . }}
    - name: seagrpc-models
      mountPath: {{ .Values.models.mountPath }}
      readOnly: true
    {{- end }}
    {{- if .Values.token.secret }}
    - name: seagrpc-token
      mountPath: /run/secrets/seagrpc
      readOnly: true
    {{- end }}
    {{- if .Values.tls.secret }}
    - name: seagrpc-tls
      mountPath: /run/secrets/seagrpc-tls
      readOnly: true
    {{- end }}
    {{- if .Values.tls.clientCa.secret }}
    - name: seagrpc-client-ca
      mountPath: /run/secrets/seagrpc-client-ca
      readOnly: true
    {{- end }}
  {{- end }}
{{- end }}

{{/* The volumes, as a list; nothing if there are none. */}}
{{- define "seagrpc.volumes" -}}
{{- with .Values.models }}
{{- if .persistentVolumeClaim }}
- name: seagrpc-models
  persistentVolumeClaim:
    claimName: {{ .persistentVolumeClaim }}
    readOnly: true
{{- else if .hostPath }}
- name: seagrpc-models
  hostPath:
    path: {{ .hostPath }}
    type: Directory
{{- else if .volume }}
- name: seagrpc-models
  {{- toYaml .volume | nindent 2 }}
{{- else if .init.image }}
- name: seagrpc-models
  emptyDir:
    {{- if .init.sizeLimit }}
    sizeLimit: {{ .init.sizeLimit }}
    {{- else }} {}
    {{- end }}
{{- end }}
{{- end }}
{{- if .Values.token.secret }}
- name: seagrpc-token
  secret:
    secretName: {{ .Values.token.secret }}
{{- end }}
{{- if .Values.tls.secret }}
- name: seagrpc-tls
  secret:
    secretName: {{ .Values.tls.secret }}
{{- end }}
{{- if .Values.tls.clientCa.secret }}
- name: seagrpc-client-ca
  secret:
    secretName: {{ .Values.tls.clientCa.secret }}
{{- end }}
{{- end }}

{{/* The init containers, as a list; nothing if there are none. */}}
{{- define "seagrpc.initContainers" -}}
{{- with .Values.models.init }}
{{- if .image }}
- name: seagrpc-models
  image: {{ .image | quote }}
  {{- with .command }}
  command:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .args }}
  args:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .env }}
  env:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .resources }}
  resources:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  securityContext:
    {{- toYaml $.Values.securityContext | nindent 4 }}
  volumeMounts:
    - name: seagrpc-models
      mountPath: {{ $.Values.models.mountPath }}
{{- end }}
{{- end }}
{{- end }}
