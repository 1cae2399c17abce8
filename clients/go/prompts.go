package seagrpc

import seav1 "github.com/seagrpc/seagrpc/clients/go/sea/v1"

// Chat is a conversation of one message, the user's, which each model's own chat template writes out.
func Chat(message string) *seav1.Prompt {
	messages := []*seav1.ChatMessage{{Role: seav1.Role_ROLE_USER, Content: message}}
	return &seav1.Prompt{Content: &seav1.Prompt_Chat{Chat: &seav1.Chat{Messages: messages}}}
}
